import type { ReportedOutput } from '../api/outputs';
import { t } from '../text';

/** What an output reported, or why it does not; for example "Reports: on". */
export const reportOf = ({ reported, error }: ReportedOutput) =>
  error ? t(`outputs.faults.${error}`) : t(`outputs.reported.${reported}`);
