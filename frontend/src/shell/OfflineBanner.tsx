import { WifiOff } from 'lucide-react';
import { text } from '../text';

export function OfflineBanner({ offline }: { offline: boolean }) {
  // The live region is always there: screen readers announce what changes in it, not that it appears.
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
