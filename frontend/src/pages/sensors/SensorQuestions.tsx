/** What is asked before a sensor is deleted, or its device is locked out. */
import { useMutation } from '@tanstack/react-query';
import { deleteSensor, replaceToken, type Sensor } from '../../api/sensors';
import { useRefreshSensors } from '../../data/alarm';
import { text } from '../../text';
import { Question } from '../../ui/dialogs';
import { useSave } from '../../ui/useSave';
import type { NewToken } from './TokenDialog';

const words = text.sensors;

interface SensorQuestionProps {
  sensor: Sensor;
  onClose: () => void;
}

export function DeleteSensor({ sensor: { id, name }, onClose }: SensorQuestionProps) {
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
    <Question
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
}: SensorQuestionProps & { onToken: (token: NewToken) => void }) {
  const replace = useMutation({
    mutationFn: () => replaceToken(id),
    onSuccess: ({ token }) => {
      onToken({ id, name, token });
    },
  });
  return (
    <Question
      title={words.replaceTitle(name)}
      detail={words.replaceDetail}
      action={words.replaceToken}
      mutation={replace}
      onClose={onClose}
    />
  );
}
