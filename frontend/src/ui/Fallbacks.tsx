/** Pages for when the requested one cannot be rendered. */
import { Link, type ErrorComponentProps } from '@tanstack/react-router';
import { text } from '../text';

/** Empty until the first request fails: an answer usually takes less time than reading a message. */
export function Starting({ failing }: { failing: boolean }) {
  return (
    <main className="fallback" aria-busy="true">
      <div role="status">
        {failing && (
          <>
            <h1>{text.starting}</h1>
            <p>{text.startingDetail}</p>
          </>
        )}
      </div>
    </main>
  );
}

export function NotFound() {
  return (
    <main className="fallback">
      <h1>{text.notFound}</h1>
      <Link to="/" className="button">
        {text.toPanel}
      </Link>
    </main>
  );
}

export function Crashed({ error }: ErrorComponentProps) {
  return (
    <main className="fallback">
      <h1>{text.crashed}</h1>
      <p role="alert">{error instanceof Error && error.message}</p>
      <button
        type="button"
        className="button"
        onClick={() => window.location.reload()}
      >
        {text.actions.retry}
      </button>
    </main>
  );
}
