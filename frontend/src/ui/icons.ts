/** Icons of states and sensor kinds. Each is shown beside words. */
import {
  CircleQuestionMark,
  BellRing,
  CloudAlert,
  DoorClosed,
  Droplets,
  Flame,
  Footprints,
  Grid2x2,
  House,
  LockOpen,
  MoonStar,
  Palmtree,
  ShieldCheck,
  Siren,
  Snowflake,
  Thermometer,
  Timer,
  TriangleAlert,
  Vibrate,
  Wind,
  Wrench,
  type LucideIcon,
} from 'lucide-react';
import type { Alarm, ArmMode } from '../api/alarm';
import type { SensorKind } from '../api/sensors';

export const modeIcons: Record<ArmMode, LucideIcon> = {
  home: House,
  away: ShieldCheck,
  night: MoonStar,
  vacation: Palmtree,
};

export const stateIcons: Record<Alarm['state'] | 'unknown', LucideIcon> = {
  disarmed: LockOpen,
  arming: Timer,
  armed_home: modeIcons.home,
  armed_away: modeIcons.away,
  armed_night: modeIcons.night,
  armed_vacation: modeIcons.vacation,
  pending: TriangleAlert,
  triggered: Siren,
  unknown: CircleQuestionMark,
};

export const sensorIcons: Record<SensorKind, LucideIcon> = {
  door: DoorClosed,
  window: Grid2x2,
  motion: Footprints,
  vibration: Vibrate,
  smoke: Flame,
  heat: Thermometer,
  carbon_monoxide: CloudAlert,
  gas: Wind,
  water: Droplets,
  cold: Snowflake,
  tamper: Wrench,
  panic: BellRing,
};
