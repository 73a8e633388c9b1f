/** Who is logged in, as components see it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, use } from 'react';
import { getSession, logIn, logOut, setUp, type Session, type SessionPerson } from '../api/session';
import { keys } from './keys';

const SLOWEST_RETRY_MS = 10_000;

/** Why nobody is logged in any more: by one's own wish, or not. */
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
    // Nothing can be shown without it, so it is asked for until there is an answer.
    retry: true,
    retryDelay: (failures) => Math.min(SLOWEST_RETRY_MS, 1000 * 2 ** failures),
    // Another tab may have logged in or out.
    refetchOnWindowFocus: 'always',
    staleTime: Infinity,
  });
}

/** Both answers are a session; the pages that ask leave by themselves as soon as somebody is logged in. */
export function useLogIn() {
  const enter = useEnter();
  return useMutation({ mutationFn: logIn, onSuccess: enter });
}

export function useSetUp() {
  const enter = useEnter();
  return useMutation({ mutationFn: setUp, onSuccess: enter });
}

function useEnter() {
  const cache = useQueryClient();
  return (session: Session) => {
    cache.setQueryData<KnownSession>(keys.session, session);
  };
}

export function useLogOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: logOut,
    onSuccess: () => {
      cache.setQueryData<KnownSession>(keys.session, (known) => known && { ...known, person: null, loggedOut: true });
      // The next person shall not see what this one saw.
      cache.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== keys.session[0] });
    },
  });
}

export const MeContext = createContext<SessionPerson | null>(null);

/** For components inside of SessionGate. */
export function useMe(): SessionPerson {
  const me = use(MeContext);
  if (!me) throw new Error('nobody is logged in here');
  return me;
}

export const useIsAdmin = () => useMe().role === 'admin';
