/** What the sirens report, while one is to sound, sounds, or has a fault. A kiosk gets no reports. */
import { Siren, TriangleAlert } from 'lucide-react';
import type { Alarm } from '../api/alarm';
import { useReportedOutputs } from '../data/outputs';
import { t } from '../text';
import { reportOf } from '../ui/outputWords';

export function SirenReports({ alarm }: { alarm: Alarm }) {
  const outputs = useReportedOutputs().filter(({ reported, error }) => alarm.siren || reported === 'on' || error);
  if (outputs.length === 0) return null;
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
