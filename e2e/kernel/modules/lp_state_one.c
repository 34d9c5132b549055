// SPDX-License-Identifier: GPL-2.0
#define LAB_STATE_VERSION 1
#include "lp-state.h"
