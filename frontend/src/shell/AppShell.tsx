/** The frame of every page that needs a session: socket, header, navigation, alarm bar. */
import { Navigate, Outlet, useMatches } from '@tanstack/react-router';
import { useRef } from 'react';
import { useAlarm, useReadiness } from '../data/alarm';
import { LiveProvider } from '../data/LiveProvider';
import { useLiveStatus } from '../data/liveStatus';
import { useIsKiosk } from '../data/session';
import { t } from '../text';
import { Toasts } from '../ui/toasts';
import { AlarmBar } from './AlarmBar';
import { Announcement } from './Announcement';
import { Header } from './Header';
import { Navigation } from './Navigation';
import { NewVersion } from './NewVersion';
import { OfflineBanner } from './OfflineBanner';
import { ProofDialog } from './ProofDialog';
import { SessionGate } from './SessionGate';
import { useDevice } from './useDevice';
import { WorkerBanner } from './WorkerBanner';
import '../ui/page.css';
import './shell.css';
import './kiosk.css';

export const AppShell = () => (
  <SessionGate>
    <LiveProvider>
      <Layout />
    </LiveProvider>
  </SessionGate>
);

function Layout() {
  const status = useLiveStatus();
  const alarm = useAlarm().data;
  const readiness = useReadiness().data;
  const current = status !== 'offline';
  const content = useRef<HTMLElement>(null);
  const kiosk = useIsKiosk();
  // Of what is rendered: while another page loads, the address is already that page's.
  const onPanel = useMatches({ select: (matches) => matches.at(-1)?.pathname === '/' });
  const outdated = useDevice({ alarm, live: status === 'live', current, kiosk, onPanel });
  return (
    <div className="shell">
      <a
        className="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        {t('nav.skip')}
      </a>
      <Header status={status} alarm={current ? alarm : undefined} kiosk={kiosk} />
      {!kiosk && <Navigation />}
      <main id="content" ref={content} tabIndex={-1} className="content">
        <OfflineBanner offline={!current} />
        <WorkerBanner stopped={current && readiness?.checks?.worker?.ok === false} />
        {current && alarm && <AlarmBar alarm={alarm} />}
        {kiosk && !onPanel ? <Navigate to="/" replace /> : <Outlet />}
      </main>
      {current && alarm && <Announcement alarm={alarm} />}
      <ProofDialog />
      {/* The other pages have one of their own. */}
      {onPanel && <Toasts />}
      <footer className="footer">
        {readiness && [readiness.version, readiness.revision].filter(Boolean).join(' · ')}
        {outdated && <NewVersion />}
      </footer>
    </div>
  );
}
