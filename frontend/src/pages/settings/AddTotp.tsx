/** Shows a new secret as a QR code, and takes the first code that the app shows. */
import { useMutation, type QueryKey } from '@tanstack/react-query';
import { useEffect } from 'react';
import { beginTotp, confirmTotp, type NewTotp } from '../../api/totp';
import { t } from '../../text';
import { CopyField } from '../../ui/CopyField';
import { DialogActions, DialogFrame } from '../../ui/dialogs';
import { ErrorMessage } from '../../ui/ErrorMessage';
import { Field } from '../../ui/fields';
import { ServerForm, textOf } from '../../ui/ServerForm';
import { useSave } from '../../ui/useSave';

interface AddTotpProps {
  refresh: QueryKey[];
  onAdded: (given: { recovery_codes: string[] }) => void;
  onClose: () => void;
}

export function AddTotp({ refresh, onAdded, onClose }: AddTotpProps) {
  const { mutate: begin, data: begun, error } = useMutation({ mutationFn: beginTotp });
  const confirm = useSave({ send: confirmTotp, refresh, done: () => undefined, onDone: onAdded });
  useEffect(() => begin(), [begin]);
  return (
    <DialogFrame title={t('totp.add')} onClose={onClose}>
      <ErrorMessage error={error} />
      {begun && (
        <ServerForm error={confirm.error} onSend={(data) => confirm.mutate({ code: textOf(data, 'code') })}>
          <p>{t('totp.scan')}</p>
          <QrCode {...begun} />
          <CopyField label={t('totp.secret')} copyLabel={t('totp.copySecret')} value={begun.secret} inGroupsOf={4} />
          <Field name="code" label={t('totp.shown')} inputMode="numeric" autoComplete="one-time-code" isRequired />
          <DialogActions label={t('totp.confirm')} pending={confirm.isPending} />
        </ServerForm>
      )}
    </DialogFrame>
  );
}

/** Dark on light in both themes: not every app reads an inverted code. */
const QrCode = ({ qr_size: size, qr_path: path }: NewTotp) => (
  <svg className="qr-code" role="img" aria-label={t('totp.qrCode')} viewBox={`0 0 ${size} ${size}`} shapeRendering="crispEdges">
    <path d={path} />
  </svg>
);
