#include "doc_impl.h"
void pm_doc_yaml(struct pm_doc *d)
{
	for (size_t i = 0; i < d->n; i++)
		pm_doc_refuse(d, i, "documents of this form are not edited");
}
