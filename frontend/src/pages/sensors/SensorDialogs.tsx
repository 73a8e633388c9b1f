import { useMutation } from '@tanstack/react-query';
import { deleteSensor, replaceToken, type Sensor } from '../../api/sensors';
import { useRefreshSensors } from '../../data/alarm';
import { t } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { useSave } from '../../ui/useSave';
import type { NewToken } from './TokenDialog';

interface SensorDialogProps {
  sensor: Sensor;
  onClose: () => void;
}

export function DeleteSensor({ sensor: { id, name }, onClose }: SensorDialogProps) {
  const refresh = useRefreshSensors();
  const remove = useSave({
    send: () => deleteSensor(id),
    done: () => t('sensors.deleted', { name }),
    onDone: () => {
      void refresh();
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={t('sensors.deleteTitle', { name })}
      detail={t('sensors.deleteDetail')}
      action={t('actions.delete')}
      mutation={remove}
      onClose={onClose}
    />
  );
}

export function ReplaceToken({
  sensor: { id, name },
  onClose,
  onToken,
}: SensorDialogProps & { onToken: (token: NewToken) => void }) {
  const replace = useMutation({
    mutationFn: () => replaceToken(id),
    onSuccess: ({ token, mqtt }) => onToken({ id, name, token, mqtt }),
  });
  return (
    <ConfirmDialog
      title={t('sensors.replaceTitle', { name })}
      detail={t('sensors.replaceDetail')}
      action={t('sensors.replaceToken')}
      mutation={replace}
      onClose={onClose}
    />
  );
}
