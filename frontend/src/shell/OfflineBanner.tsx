import { WifiOff } from 'lucide-react';
import { t } from '../text';

export function OfflineBanner({ offline }: { offline: boolean }) {
  // Always rendered: screen readers announce changes inside a live region, not a new one.
  return (
    <div role="status" className="banner-place">
      {offline && (
        <div className="banner">
          <WifiOff />
          <p>
            <strong>{t('connection.banner')}</strong> <span>{t('connection.bannerDetail')}</span>
          </p>
        </div>
      )}
    </div>
  );
}
