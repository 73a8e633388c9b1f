/** Sends a form that stays on its page. */
import { Button } from 'react-aria-components';
import { t } from '../text';

interface SaveButtonProps {
  pending: boolean;
  isDisabled: boolean;
}

export const SaveButton = ({ pending, isDisabled }: SaveButtonProps) => (
  <Button type="submit" className="button" data-variant="primary" isDisabled={pending || isDisabled}>
    {pending ? t('actions.saving') : t('actions.save')}
  </Button>
);
