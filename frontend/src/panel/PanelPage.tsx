/** The page for a wall tablet: state, arming and disarming, sensors, latest events. */
import { useEffect } from 'react';
import { useAlarm } from '../data/alarm';
import { useLiveStatus } from '../data/liveStatus';
import { useIsKiosk } from '../data/session';
import { t } from '../text';
import { nameOf } from '../ui/alarmWords';
import { useHeadingFocus } from '../ui/useHeadingFocus';
import { Controls } from './Controls';
import { LatestEvents } from './LatestEvents';
import { MemoryCard } from './MemoryCard';
import { Readiness } from './Readiness';
import { StatusCard } from './StatusCard';
import { TroubleList } from './TroubleList';
import './panel.css';

export function PanelPage() {
  const status = useLiveStatus();
  const alarm = useAlarm();
  const heading = useHeadingFocus();
  const kiosk = useIsKiosk();
  const current = status !== 'offline';

  const stateName = alarm.data && current ? nameOf(alarm.data) : t(`connection.${status}`);
  useEffect(() => {
    document.title = `${stateName} – ${t('title')}`;
  }, [stateName]);

  return (
    <div
      className="panel"
      data-armed={alarm.data && alarm.data.state !== 'disarmed'}
      aria-busy={alarm.isPending}
    >
      <h1 ref={heading} tabIndex={-1} className="visually-hidden">
        {t('panel.title')}
      </h1>
      <div className="panel-state">
        <StatusCard alarm={alarm.data} current={current} heardAt={alarm.dataUpdatedAt} />
        {/* While the alarm goes on, the card above has what set it off. */}
        {alarm.data && alarm.data.state !== 'triggered' && alarm.data.memory.length > 0 && <MemoryCard alarm={alarm.data} />}
        {kiosk && alarm.data && alarm.data.trouble.length > 0 && <TroubleList trouble={alarm.data.trouble} />}
      </div>
      <Controls alarm={alarm.data} connected={status === 'live'} />
      {!kiosk && (
        <div className="panel-side">
          <Readiness alarm={alarm.data} connected={status === 'live'} />
          <LatestEvents />
        </div>
      )}
    </div>
  );
}
