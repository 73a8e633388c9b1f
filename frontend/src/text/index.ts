/** Every word the panel shows, in one place, ready for translation: one module a page. */
import { access } from './access';
import { alarm } from './alarm';
import { events } from './events';
import { panel } from './panel';
import { people } from './people';
import { sensors } from './sensors';
import { settings } from './settings';
import { shell } from './shell';

export const text = { ...shell, alarm, panel, sensors, events, people, settings, access };
