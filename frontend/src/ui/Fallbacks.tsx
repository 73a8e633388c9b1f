/** Pages for when the requested one cannot be rendered. */
import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import type { ApiError } from '../api/errors';
import { t } from '../text';

/** Empty until the first request fails: an answer usually takes less time than reading a message. */
export function Starting({ failing }: { failing: ApiError | null }) {
  // The backend runs and says why it refuses: a host name that it does not accept, too many cookies.
  const isRefused = failing && !['unreachable', 'unexpected'].includes(failing.code) && !failing.code.endsWith('_unavailable');
  return (
    <main className="fallback" aria-busy="true">
      <div role="status">
        {failing && (
          <>
            <h1>{isRefused ? t('refused') : t('starting')}</h1>
            <p>{isRefused ? failing.message : t('startingDetail')}</p>
          </>
        )}
      </div>
    </main>
  );
}

export function NotFound() {
  return (
    <main className="fallback">
      <h1>{t('notFound')}</h1>
      <Link to="/" className="button">
        {t('toPanel')}
      </Link>
    </main>
  );
}

/** A browser's error for a part of the page that the server does not have; each browser has its own words. */
const isPartMissing = (error: unknown) =>
  error instanceof Error && /dynamically imported module|importing a module script|preload CSS/i.test(error.message);

export function Crashed({ error }: ErrorComponentProps) {
  return (
    <main className="fallback">
      <h1>{t('crashed')}</h1>
      <p role="alert">{isPartMissing(error) ? t('partMissing') : error instanceof Error && error.message}</p>
      <button
        type="button"
        className="button"
        onClick={() => window.location.reload()}
      >
        {t('actions.retry')}
      </button>
    </main>
  );
}
