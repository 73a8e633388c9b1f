/** Says that no worker runs: the page is connected, and the alarm does nothing. */
import { TriangleAlert } from 'lucide-react';
import { t } from '../text';

export const WorkerBanner = ({ stopped }: { stopped: boolean }) => (
  // Always rendered: screen readers announce changes inside a live region, not a new one.
  <div role="alert">
    {stopped && (
      <div className="banner" data-danger>
        <TriangleAlert />
        <p>
          <strong>{t('worker.banner')}</strong> <span>{t('worker.detail')}</span>
        </p>
      </div>
    )}
  </div>
);
