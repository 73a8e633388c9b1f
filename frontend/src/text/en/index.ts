/** English. The other languages have the same keys. */
import { access } from './access';
import { alarm } from './alarm';
import { events } from './events';
import { panel } from './panel';
import { people } from './people';
import { sensors } from './sensors';
import { settings } from './settings';
import { shell } from './shell';
import { totp } from './totp';

export const parts = { shell, alarm, panel, sensors, events, people, settings, totp, access };

export default { ...shell, alarm, panel, sensors, events, people, settings, totp, access };
