/** The clock, the connection status, and the alarm's state on pages other than the panel. */
import { Link, useLocation } from '@tanstack/react-router';
import { ShieldCheck } from 'lucide-react';
import type { Alarm } from '../api/alarm';
import { formatClock, useMinute } from '../core/time';
import type { LiveStatus } from '../data/liveStatus';
import { t } from '../text';
import { nameOf } from '../ui/alarmWords';
import { stateIcons } from '../ui/icons';
import { DeviceMenu } from './DeviceMenu';

interface HeaderProps {
  status: LiveStatus;
  /** Undefined while the known state is out of date. */
  alarm: Alarm | undefined;
  kiosk: boolean;
}

export function Header({ status, alarm, kiosk }: HeaderProps) {
  const now = useMinute();
  const onPanel = useLocation({ select: ({ pathname }) => pathname === '/' });
  return (
    <header className="header">
      <p className="brand">
        <ShieldCheck />
        <span>{t('title')}</span>
      </p>
      {alarm && !onPanel && <StateChip alarm={alarm} />}
      <span className="connection" data-status={status}>
        {t(`connection.${status}`)}
      </span>
      <DeviceMenu kiosk={kiosk} />
      <time className="clock">{formatClock(now)}</time>
    </header>
  );
}

function StateChip({ alarm }: { alarm: Alarm }) {
  const StateIcon = stateIcons[alarm.state];
  return (
    <Link to="/" className="state-chip" data-state={alarm.state}>
      <StateIcon />
      {nameOf(alarm)}
    </Link>
  );
}
