/* main.c - the program: dispatch, and printing the error once. */
#include <stdio.h>

int main(void)
{
	puts("portmig " PM_VERSION);
	return 0;
}
