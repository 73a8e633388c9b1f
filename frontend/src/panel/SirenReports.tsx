/** What the sirens report, while one is to sound, sounds, or has a fault. A kiosk is told only whether they sound. */
import { Siren, TriangleAlert } from 'lucide-react';
import type { Alarm } from '../api/alarm';
import { useReportedOutputs } from '../data/outputs';
import { useIsKiosk } from '../data/session';
import { t } from '../text';
import { reportOf } from '../ui/outputWords';

export function SirenReports({ alarm }: { alarm: Alarm }) {
  const kiosk = useIsKiosk();
  const outputs = useReportedOutputs().filter(({ reported, error }) => alarm.siren || reported === 'on' || error);
  if (outputs.length === 0) return null;
  if (kiosk) return <SirensHeard sounding={outputs.filter(({ reported }) => reported === 'on').length} />;
  return (
    <ul className="siren-reports" aria-label={t('outputs.label')}>
      {outputs.map((output) => (
        <li key={output.id} data-fault={output.error !== ''}>
          {output.error ? <TriangleAlert /> : <Siren />}
          {t('outputs.sentence', { name: output.name, report: reportOf(output) })}
        </li>
      ))}
    </ul>
  );
}

const SirensHeard = ({ sounding }: { sounding: number }) => (
  <ul className="siren-reports" aria-label={t('outputs.label')}>
    <li data-fault={sounding === 0}>
      {sounding > 0 ? <Siren /> : <TriangleAlert />}
      {sounding > 0 ? t('outputs.heard', { count: sounding }) : t('outputs.heardNone')}
    </li>
  </ul>
);
