/** Icons of states and sensor kinds. Each is shown beside words. */
import {
  CircleQuestionMark,
  DoorClosed,
  Droplets,
  Flame,
  Footprints,
  Grid2x2,
  House,
  LockOpen,
  MoonStar,
  ShieldCheck,
  Siren,
  Timer,
  TriangleAlert,
  type LucideIcon,
} from 'lucide-react';
import type { Alarm, ArmMode } from '../api/alarm';
import type { SensorKind } from '../api/sensors';

export const modeIcons: Record<ArmMode, LucideIcon> = { home: House, away: ShieldCheck, night: MoonStar };

export const stateIcons: Record<Alarm['state'] | 'unknown', LucideIcon> = {
  disarmed: LockOpen,
  arming: Timer,
  armed_home: modeIcons.home,
  armed_away: modeIcons.away,
  armed_night: modeIcons.night,
  pending: TriangleAlert,
  triggered: Siren,
  unknown: CircleQuestionMark,
};

export const sensorIcons: Record<SensorKind, LucideIcon> = {
  door: DoorClosed,
  window: Grid2x2,
  motion: Footprints,
  smoke: Flame,
  water: Droplets,
};
