import { useMutation } from '@tanstack/react-query';
import { deleteSensor, replaceToken, type Sensor } from '../../api/sensors';
import { useRefreshSensors } from '../../data/alarm';
import { text } from '../../text';
import { ConfirmDialog } from '../../ui/dialogs';
import { useSave } from '../../ui/useSave';
import type { NewToken } from './TokenDialog';

const words = text.sensors;

interface SensorDialogProps {
  sensor: Sensor;
  onClose: () => void;
}

export function DeleteSensor({ sensor: { id, name }, onClose }: SensorDialogProps) {
  const refresh = useRefreshSensors();
  const remove = useSave({
    send: () => deleteSensor(id),
    done: () => words.deleted(name),
    onDone: () => {
      void refresh();
      onClose();
    },
  });
  return (
    <ConfirmDialog
      title={words.deleteTitle(name)}
      detail={words.deleteDetail}
      action={text.actions.delete}
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
      title={words.replaceTitle(name)}
      detail={words.replaceDetail}
      action={words.replaceToken}
      mutation={replace}
      onClose={onClose}
    />
  );
}
