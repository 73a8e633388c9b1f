/** French. */
import type { Translation } from '../words';
import { access } from './access';
import { alarm } from './alarm';
import { alerts, outputs } from './alerts';
import { device } from './device';
import { events } from './events';
import { facts } from './facts';
import { faults } from './faults';
import { found } from './found';
import { panel } from './panel';
import { people } from './people';
import { problems } from './problems';
import { sensors } from './sensors';
import { settings } from './settings';
import { shell } from './shell';
import { totp } from './totp';

const words: Translation = {
  ...shell,
  device,
  alarm,
  panel,
  sensors,
  found,
  events,
  people,
  settings,
  alerts,
  outputs,
  totp,
  access,
  problems,
  faults,
  facts,
};
export default words;
