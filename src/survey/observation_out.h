/*
 * observation_out: an observation as one object of JSON. Names are those of struct observation; what is not known is left out.
 *
 * Shape    {"source","report","detector","line","observed_at","ip","port","reach","status","flags":[],"build","precision","means","names":[],"node","ad_domain",
 *          "cert_sha256","cert_name","cert_org","body_sha256","server","asn","as_name","country","sector","naics","claims":[{"kind","about","detail"}]}
 */
#ifndef SURVEY_OBSERVATION_OUT_H
#define SURVEY_OBSERVATION_OUT_H

#include "emit/json.h"
#include "survey/observation.h"

void observation_json(struct js *j, const struct observation *o);
/* "15.1.2176.9"; empty when no number is known. */
void observation_build(const struct observation *o, char ret[24]);

#endif
