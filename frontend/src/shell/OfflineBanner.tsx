import { WifiOff } from 'lucide-react';
import { text } from '../text';

export function OfflineBanner({ offline }: { offline: boolean }) {
  // Always rendered: screen readers announce changes inside a live region, not a new one.
  return (
    <div role="status" className="banner-place">
      {offline && (
        <div className="banner">
          <WifiOff />
          <p>
            <strong>{text.connection.banner}</strong> <span>{text.connection.bannerDetail}</span>
          </p>
        </div>
      )}
    </div>
  );
}
