/** The query cache, with what holds for every request of the page. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from '../api/errors';
import { keys } from './keys';

const RETRIES = 2;

export function newQueryClient(): QueryClient {
  /** The backend knows this browser no more, whichever request has found that out. */
  const onError = (error: Error) => {
    if (error instanceof ApiError && ['login_required', 'setup_required'].includes(error.code)) {
      void client.invalidateQueries({ queryKey: keys.session });
    }
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        // A home network without internet counts as offline in the browser, and the library would hold requests back.
        networkMode: 'always',
        retry: (failures, error) => error instanceof ApiError && error.code === 'unreachable' && failures < RETRIES,
      },
      // An "arm" or "disarm" that runs later, when nobody expects it, is worse than one that fails.
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
