/** What the pages for those who are not logged in have in common: one card, and the way in. */
import { useRouter } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { useSession } from '../../data/session';
import { text } from '../../text';
import '../../ui/controls.css';
import { Starting } from '../../ui/Fallbacks';
import './access.css';

interface AccessPageProps {
  title: string;
  detail?: string;
  /** An address of this site. */
  back: string;
  /** Whether this page is for a panel that has not been set up. */
  forSetup: boolean;
  children: ReactNode;
}

export function AccessPage({ title, detail, back, forSetup, children }: AccessPageProps) {
  const { history } = useRouter();
  const session = useSession();
  const known = session.data;
  const place = !known ? null : known.setup_required ? '/setup' : known.person ? back : '/login';
  const leave = place !== null && place !== (forSetup ? '/setup' : '/login') ? place : null;

  useEffect(() => {
    document.title = `${title} – ${text.title}`;
  }, [title]);
  useEffect(() => {
    if (leave !== null) history.replace(leave);
  }, [leave, history]);

  if (!known || leave !== null) return <Starting failing={session.failureCount > 0} />;
  return (
    <main className="access">
      <section className="card" aria-labelledby="access">
        <ShieldCheck className="access-mark" />
        <h1 id="access">{title}</h1>
        {detail && <p className="hint">{detail}</p>}
        {children}
      </section>
    </main>
  );
}
