import { Ellipsis } from 'lucide-react';
import { Button, Menu, MenuItem, MenuTrigger, Popover } from 'react-aria-components';
import { t } from '../text';

interface RowMenuProps {
  label: string;
  isDisabled?: boolean;
  actions: { name: string; danger?: boolean; run: () => void }[];
}

export const RowMenu = ({ label, isDisabled, actions }: RowMenuProps) => (
  <MenuTrigger>
    <Button className="icon-button" aria-label={label} isDisabled={isDisabled}>
      <Ellipsis />
    </Button>
    <Popover className="popover" placement="bottom end">
      <Menu className="options">
        {actions.map(({ name, danger, run }) => (
          <MenuItem key={name} className="option" data-danger={danger} onAction={run}>
            {name}
          </MenuItem>
        ))}
      </Menu>
    </Popover>
  </MenuTrigger>
);

interface EditOrDeleteProps {
  label: string;
  onAction: (action: 'edit' | 'delete') => void;
}

export const EditOrDelete = ({ label, onAction }: EditOrDeleteProps) => (
  <RowMenu
    label={label}
    actions={[
      { name: t('actions.edit'), run: () => onAction('edit') },
      { name: t('actions.delete'), danger: true, run: () => onAction('delete') },
    ]}
  />
);
