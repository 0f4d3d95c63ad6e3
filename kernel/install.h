/* install.h -- `vint-kernel install` and `uninstall`: makes the kernel known to Jupyter frontends. */
#ifndef KERNEL_INSTALL_H
#define KERNEL_INSTALL_H

/* Both take the arguments after the command's name and return an exit status. */
int install_command(int argc, char **argv);
int uninstall_command(int argc, char **argv);

/* Prints what they understand. */
void install_usage(void);

#endif
