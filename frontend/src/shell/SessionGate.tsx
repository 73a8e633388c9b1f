/** Renders its children with a session, otherwise redirects to the login or the setup, with the way back. */
import { useLocation, useNavigate, type NavigateOptions } from '@tanstack/react-router';
import { useEffect, useState, type ReactNode } from 'react';
import { MeContext, useSession } from '../data/session';
import { Starting } from '../ui/Fallbacks';

export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const here = useLocation({ select: ({ href }) => href });

  if (!session.data) return <Starting failing={session.failureReason} />;
  const { setup_required, person, loggedOut } = session.data;
  if (setup_required) return <Redirect key="setup" to="/setup" />;
  if (!person) return <Redirect key="login" to="/login" search={loggedOut || here === '/' ? {} : { back: here }} />;
  return <MeContext value={person}>{children}</MeContext>;
}

/** Keeps its first properties: during the navigation, `back` would already be the target. */
function Redirect(there: NavigateOptions) {
  const navigate = useNavigate();
  const [first] = useState(there);
  useEffect(() => {
    void navigate({ ...first, replace: true });
  }, [navigate, first]);
  return null;
}
