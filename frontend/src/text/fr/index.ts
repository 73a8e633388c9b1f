/** French. */
import type { Translation } from '../words';
import { access } from './access';
import { alarm } from './alarm';
import { events } from './events';
import { panel } from './panel';
import { people } from './people';
import { problems } from './problems';
import { sensors } from './sensors';
import { settings } from './settings';
import { shell } from './shell';
import { totp } from './totp';

const words: Translation = { ...shell, alarm, panel, sensors, events, people, settings, totp, access, problems };
export default words;
