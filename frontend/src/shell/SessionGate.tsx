/** Lets in who is logged in; sends everybody else where they can change that, and remembers where they were. */
import { Navigate, useLocation } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { MeContext, useSession } from '../data/session';
import { Starting } from './Fallbacks';

export function SessionGate({ children }: { children: ReactNode }) {
  const session = useSession();
  const here = useLocation({ select: ({ href }) => href });

  if (!session.data) return <Starting failing={session.failureCount > 0} />;
  const { setup_required, person, left } = session.data;
  if (setup_required) return <Navigate to="/setup" replace />;
  if (!person) return <Navigate to="/login" search={left || here === '/' ? {} : { back: here }} replace />;
  return <MeContext value={person}>{children}</MeContext>;
}
