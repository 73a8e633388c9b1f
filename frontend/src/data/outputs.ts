/** The sirens and relays: their settings, for administrators, and what each reported, for everyone. */
import { skipToken, useQuery } from '@tanstack/react-query';
import { getOutputs, type ReportedOutput } from '../api/outputs';
import { keys } from './keys';

export const useOutputs = () => useQuery({ queryKey: keys.outputs, queryFn: getOutputs });

/** The socket writes it. For a kiosk it has neither names nor faults. */
export const useReportedOutputs = () =>
  useQuery<ReportedOutput[]>({ queryKey: keys.reportedOutputs, queryFn: skipToken, staleTime: Infinity }).data ?? [];
