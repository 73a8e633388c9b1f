/** What became of a test, at its row. */
import { t } from '../../text';

interface TestResultProps {
  pending: boolean;
  result: { ok: boolean; detail: string } | undefined;
  /** Why there is no result. */
  failure: string | null;
}

/** Rendered without a result too: screen readers announce changes inside a live region, not a new one. */
export const TestResult = ({ pending, result, failure }: TestResultProps) => (
  <p role="status" className="test-result" data-ok={!failure && result?.ok}>
    {pending ? t('alerts.testing') : (failure ?? (result && (result.ok ? t('alerts.tested') : result.detail)))}
  </p>
);
