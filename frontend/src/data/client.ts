/** The query cache, with what holds for every request of the page. */
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import type { ApiError } from '../api/errors';
import { keys } from './keys';

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: ApiError;
  }
}

const RETRIES = 2;

export function newQueryClient(): QueryClient {
  /** The backend knows this browser no more, whichever request has found that out. */
  const onError = ({ code }: ApiError) => {
    if (['login_required', 'setup_required'].includes(code)) {
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
        retry: (failures, { code }) => code === 'unreachable' && failures < RETRIES,
      },
      // An "arm" or "disarm" that runs later, when nobody expects it, is worse than one that fails.
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
