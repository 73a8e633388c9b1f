/** The session: query, login, logout, and the person for components. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { getSession, logIn, logOut, saveLanguage, setUp, type Session, type SessionPerson } from '../api/session';
import { keys } from './keys';

const SLOWEST_RETRY_MS = 10_000;
const RENEW_EVERY_MS = 12 * 3600 * 1000;

/** Why the session ended: by the user's logout, or otherwise. */
type KnownSession = Session & { loggedOut?: boolean; expired?: boolean };

export function useSession() {
  const cache = useQueryClient();
  return useQuery<KnownSession>({
    queryKey: keys.session,
    queryFn: async () => {
      const session = await getSession();
      const known = cache.getQueryData<KnownSession>(keys.session);
      const { loggedOut = false, expired = false, person } = known ?? {};
      return { ...session, loggedOut, expired: !session.person && (expired || !!person) };
    },
    // No page works without it, so retry until there is an answer.
    retry: true,
    retryDelay: (failures) => Math.min(SLOWEST_RETRY_MS, 1000 * 2 ** failures),
    // A page that is left open has to keep its cookie from expiring.
    refetchInterval: RENEW_EVERY_MS,
    // Another tab may have changed it.
    refetchOnWindowFocus: 'always',
    staleTime: Infinity,
  });
}

export function useLogIn() {
  const storeSession = useStoreSession();
  return useMutation({ mutationFn: logIn, onSuccess: storeSession });
}

export function useSetUp() {
  const storeSession = useStoreSession();
  return useMutation({ mutationFn: setUp, onSuccess: storeSession });
}

/** The pages of login and setup redirect as soon as the stored session has a person. */
function useStoreSession() {
  const cache = useQueryClient();
  return (session: Session) => cache.setQueryData<KnownSession>(keys.session, session);
}

export function useLogOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: logOut,
    onSuccess: () => {
      cache.setQueryData<KnownSession>(keys.session, (known) => known && { ...known, person: null, loggedOut: true });
      // The next user of this browser must not see cached data.
      cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.session[0] });
    },
  });
}

/** Saves the language of the person's notifications. */
export const useSaveLanguage = () => useMutation({ mutationFn: saveLanguage });

export const MeContext = createContext<SessionPerson | null>(null);

/** For components inside SessionGate. */
export function useMe(): SessionPerson {
  const me = use(MeContext);
  if (!me) throw new Error('useMe needs a SessionGate');
  return me;
}

export const useIsAdmin = () => useMe().role === 'admin';

/** A tablet on the wall: it shows the state, arms, and takes PINs. The backend refuses it everything else. */
export const useIsKiosk = () => useMe().role === 'kiosk';
