/** The field for a code of an authenticator app, shown once the backend has asked for one. */
import { useState } from 'react';
import type { ApiError } from '../api/errors';
import { t } from '../text';
import { Field } from './fields';

const ASKING = ['totp_required', 'wrong_totp_code', 'totp_unreadable'];

/** Whether to show the field: from the beginning, or since an error said that a code is needed. */
export function useNeedsCode(error: ApiError | null, fromTheBeginning = false): boolean {
  const [needed, setNeeded] = useState(fromTheBeginning);
  const asked = error !== null && ASKING.includes(error.code);
  if (asked && !needed) setNeeded(true);
  return needed || asked;
}

export const TotpField = () => (
  <Field
    name="code"
    label={t('totp.code')}
    hint={t('totp.codeHint')}
    autoComplete="one-time-code"
    autoCapitalize="none"
    isRequired
  />
);
