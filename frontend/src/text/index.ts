/** All text that the page shows, one module per page, ready for translation. Imports nothing. */
import { access } from './access';
import { alarm } from './alarm';
import { events } from './events';
import { panel } from './panel';
import { people } from './people';
import { sensors } from './sensors';
import { settings } from './settings';
import { shell } from './shell';
import { totp } from './totp';

export const text = { ...shell, alarm, panel, sensors, events, people, settings, totp, access };
