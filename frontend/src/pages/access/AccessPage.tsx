/** The frame of the login and setup pages: one card, and the redirect once there is a session. */
import { useRouter } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import { useEffect, type ReactNode } from 'react';
import { useSession } from '../../data/session';
import { t } from '../../text';
import '../../ui/controls.css';
import { Starting } from '../../ui/Fallbacks';
import { LanguageField } from '../../ui/LanguageField';
import './access.css';

interface AccessPageProps {
  title: string;
  detail?: string;
  /** The address to go to with a session; one of this site. */
  back: string;
  /** True for the setup page, false for the login. */
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
    document.title = `${title} – ${t('title')}`;
  }, [title]);
  useEffect(() => {
    if (leave !== null) history.replace(leave);
  }, [leave, history]);

  if (!known || leave !== null) return <Starting failing={session.failureReason} />;
  return (
    <main className="access">
      <section className="card" aria-labelledby="access">
        <ShieldCheck className="access-mark" />
        <h1 id="access">{title}</h1>
        {detail && <p className="hint">{detail}</p>}
        {children}
        <LanguageField />
      </section>
    </main>
  );
}
