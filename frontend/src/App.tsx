/** The one page: what the alarm is doing, what can be done about it, and what happened lately. */
import { useEffect } from 'react';
import { useAlarm, useLiveStatus, useVersion } from './alarm';
import { Controls } from './components/Controls';
import { EventList } from './components/EventList';
import { Header } from './components/Header';
import { OfflineBanner } from './components/OfflineBanner';
import { StatusCard } from './components/StatusCard';
import { text } from './text';

export function App() {
  const status = useLiveStatus();
  const alarm = useAlarm();
  const version = useVersion().data;
  const offline = status === 'offline';

  const stateName = alarm.data && !offline ? text.states[alarm.data.state] : text.connection[status];
  useEffect(() => {
    document.title = `${stateName} – ${text.title}`;
  }, [stateName]);

  return (
    <div className="page">
      <Header status={status} />
      <OfflineBanner offline={offline} />
      <main className="panel">
        <StatusCard alarm={alarm.data} current={!offline} heardAt={alarm.dataUpdatedAt} />
        <Controls alarm={alarm.data} connected={status === 'live'} />
        <EventList />
      </main>
      <footer className="footer">{version && text.version(version.version ?? '', version.revision ?? '')}</footer>
    </div>
  );
}
