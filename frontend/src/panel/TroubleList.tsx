/** The sensors in trouble, for a tablet on the wall, which has no list of sensors. */
import { Wrench } from 'lucide-react';
import type { Alarm } from '../api/alarm';
import { listOf, t } from '../text';

export const TroubleList = ({ trouble }: { trouble: Alarm['trouble'] }) => (
  <section className="card trouble" aria-labelledby="trouble">
    <h2 id="trouble">
      <Wrench />
      {t('panel.trouble')}
    </h2>
    <ul>
      {trouble.map(({ id, name, trouble: troubles }) => (
        <li key={id}>
          <strong>{name}</strong> {listOf(troubles.map((one) => t(`sensors.troubles.${one}`)))}
        </li>
      ))}
    </ul>
  </section>
);
