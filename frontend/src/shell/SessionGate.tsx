/** Lets in who is logged in; sends everybody else where they can change that, and remembers where they were. */
import { useLocation, useNavigate, type NavigateOptions } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { MeContext, useSession } from '../data/session';
import { Starting } from '../ui/Fallbacks';

export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const here = useLocation({ select: ({ href }) => href });

  if (!session.data) return <Starting failing={session.failureCount > 0} />;
  const { setup_required, person, loggedOut } = session.data;
  if (setup_required) return <Redirect key="setup" to="/setup" />;
  if (!person) return <Redirect key="login" to="/login" search={loggedOut || here === '/' ? {} : { back: here }} />;
  return <MeContext value={person}>{children}</MeContext>;
}

/** Goes where its first properties say: on the way, `here` is already the place that it goes to. */
function Redirect(there: NavigateOptions) {
  const navigate = useNavigate();
  const [first] = useState(there);
  useEffect(() => {
    void navigate({ ...first, replace: true });
  }, [navigate, first]);
  return null;
}
