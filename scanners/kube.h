/*
 * kube.h - what Kubernetes manifests declare about ports, as values: containers with named ports
 * and probes, Services, Ingress backends, what network policies let in. The scanner (k8s.c) finds
 * every number; this says which name or number refers to which.
 * https://kubernetes.io/docs/reference/kubernetes-api/
 */
#ifndef PM_KUBE_H
#define PM_KUBE_H

#include "scanner.h"

/* A port by number or by name; exactly one of them is given, or none (number 0, name NULL). */
struct pm_kube_ref {
	unsigned number;
	const char *name;
	unsigned line, col; /* of the value */
};

struct pm_kube_port { /* of a container, or of a Service */
	const char *name;          /* or NULL */
	struct pm_kube_ref number; /* containerPort; port */
	struct pm_kube_ref target; /* Service: targetPort, or the port itself */
};

/* A reference from elsewhere: probe, Ingress backend, policy. */
struct pm_kube_use {
	const char *what;    /* "readinessProbe", "backend", "ingress" */
	const char *service; /* Ingress: the name of the Service; else NULL */
	unsigned rule;       /* policy: which of its rules */
	struct pm_kube_ref ref;
};

struct pm_kube_container {
	const char *name;
	struct pm_kube_port *ports;
	size_t n_ports;
	struct pm_kube_use *probes;
	size_t n_probes;
	struct pm_kube_ref told; /* value of the variable PORT */
};

struct pm_kube_label { const char *key, *value; };

struct pm_kube_object {
	const char *path, *kind, *name, *space; /* space: namespace, or NULL */
	unsigned line;
	struct pm_kube_label *labels;   /* of the pods it makes; or what it selects */
	size_t n_labels;
	struct pm_kube_container *containers;
	size_t n_containers;
	struct pm_kube_port *ports;     /* Service */
	size_t n_ports;
	struct pm_kube_use *uses;       /* Ingress backends; ports that a policy lets in */
	size_t n_uses;
	bool open;                      /* policy: some rule lets in every port */
};

struct pm_kube { struct pm_kube_object *v; size_t n, cap; };

/* Add the objects of a manifest; strings live in `a`. Templates and what is no manifest add none. */
void pm_kube_read(struct pm_kube *out, struct pm_arena *a, const struct pm_file *f);

#endif
