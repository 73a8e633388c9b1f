/** Dialogs for forms and confirmations. They trap the focus, and return it to the element that had it. */
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button, Dialog, Heading, Modal, ModalOverlay } from 'react-aria-components';
import type { ApiError } from '../api/errors';
import { t } from '../text';
import { ErrorMessage } from './ErrorMessage';

interface FrameProps {
  title: string;
  role?: 'dialog' | 'alertdialog';
  onClose: () => void;
  children: ReactNode;
}

/** Open while it is rendered. Only Escape and the buttons close it: a touch outside must not discard the input. */
export const DialogFrame = ({ title, role = 'dialog', onClose, children }: FrameProps) => (
  <ModalOverlay
    isOpen
    onOpenChange={onClose}
    className="overlay"
  >
    <Modal className="modal">
      <Dialog role={role} className="dialog">
        <div className="dialog-head">
          <Heading slot="title">{title}</Heading>
          {role === 'dialog' && (
            <Button slot="close" className="icon-button" aria-label={t('actions.close')}>
              <X />
            </Button>
          )}
        </div>
        {children}
      </Dialog>
    </Modal>
  </ModalOverlay>
);

interface DialogActionsProps {
  label: string;
  pending: boolean;
}

export const DialogActions = ({ label, pending }: DialogActionsProps) => (
  <div className="dialog-actions">
    <Button slot="close" className="button">
      {t('actions.cancel')}
    </Button>
    <Button type="submit" className="button" data-variant="primary" isDisabled={pending}>
      {pending ? t('actions.saving') : label}
    </Button>
  </div>
);

/** Of a dialog that only shows something. */
export const DialogDone = ({ label }: { label: string }) => (
  <div className="dialog-actions">
    <Button slot="close" className="button" data-variant="primary">
      {label}
    </Button>
  </div>
);

interface ConfirmDialogProps {
  title: string;
  detail: string;
  action: string;
  mutation: { isPending: boolean; error: ApiError | null; mutate: (input: undefined) => void };
  onClose: () => void;
}

export const ConfirmDialog = ({ title, detail, action, mutation, onClose }: ConfirmDialogProps) => (
  <DialogFrame role="alertdialog" title={title} onClose={onClose}>
    <p>{detail}</p>
    <ErrorMessage error={mutation.error} />
    <div className="dialog-actions">
      <Button slot="close" className="button" autoFocus>
        {t('actions.cancel')}
      </Button>
      <Button
        className="button"
        data-variant="danger"
        isDisabled={mutation.isPending}
        onPress={() => mutation.mutate(undefined)}
      >
        {action}
      </Button>
    </div>
  </DialogFrame>
);
