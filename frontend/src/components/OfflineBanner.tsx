import { text } from '../text';
import { Icon } from './Icon';

export function OfflineBanner({ offline }: { offline: boolean }) {
  // The live region is always there: screen readers announce what changes in it, not that it appears.
  return (
    <div role="status">
      {offline && (
        <div className="banner">
          <Icon name="offline" />
          <p>
            <strong>{text.connection.banner}</strong> <span>{text.connection.bannerDetail}</span>
          </p>
        </div>
      )}
    </div>
  );
}
