/** Short confirmations, which screen readers announce and which disappear after a few seconds. */
import { Check, X } from 'lucide-react';
import {
  Button,
  Text,
  UNSTABLE_Toast as Toast,
  UNSTABLE_ToastContent as ToastContent,
  UNSTABLE_ToastQueue as ToastQueue,
  UNSTABLE_ToastRegion as ToastRegion,
} from 'react-aria-components';
import { t } from '../text';

const SHOWN_MS = 6_000;

const queue = new ToastQueue<string>({ maxVisibleToasts: 3 });

export function notify(words: string): void {
  queue.add(words, { timeout: SHOWN_MS });
}

export const Toasts = () => (
  <ToastRegion queue={queue} className="toasts" aria-label={t('notifications')}>
    {({ toast }) => (
      <Toast toast={toast} className="toast">
        <Check />
        <ToastContent className="toast-content">
          <Text slot="title">{toast.content}</Text>
        </ToastContent>
        <Button slot="close" className="icon-button" aria-label={t('actions.dismiss')}>
          <X />
        </Button>
      </Toast>
    )}
  </ToastRegion>
);
