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
  /** Any request may find that the session ended. */
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
        // By default the library pauses requests while the browser is offline, which a LAN without internet is.
        networkMode: 'always',
        retry: (failures, { code }) => code === 'unreachable' && failures < RETRIES,
      },
      // A paused "arm" or "disarm" would run later, unexpectedly; it has to fail instead.
      mutations: { networkMode: 'always' },
    },
  });
  return client;
}
