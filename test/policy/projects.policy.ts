import type { Area } from './notation.js';

export const PROJECTS: Area = {
  title: 'the projects of an organisation',
  because: `The list is open to every member, and shows each the projects that they can read. Admins and owners make new ones.`,
  table: `
                                        nobody stranger suspended member admin owner OPERATOR ADMIN
    GET  /organisations/{org}/projects  401    404      403m      200    200   200   200      200
    POST /organisations/{org}/projects  401    404      403m      403    201   201   403      201
  `,
};

export const PROJECT: Area = {
  title: 'a project',
  because: `
    Members of the organisation who are outside the project may nothing there, whatever they are in another project.
    Viewers see it, editors change it and see who is in it, its admins do everything there.
    The organisation's admins and owners do everything in every project; OPERATORs see it all and change projects.`,
  table: `
                                                    nobody stranger suspended outside viewer editor its-admin admin owner OPERATOR ADMIN
    GET    /projects/{project}                      401    404      403m      403     200    200    200       200   200   200      200
    PATCH  /projects/{project}                      401    404      403m      403     403    200    200       200   200   200      200
    DELETE /projects/{project}                      401    404      403m      403     403    403    204       204   204   403      204
    GET    /projects/{project}/members              401    404      403m      403     403    200    200       200   200   200      200
    POST   /projects/{project}/members              401    404      403m      403     403    403    201       201   201   403      201
    PUT    /projects/{project}/members/{user}/role  401    404      403m      403     403    403    200       200   200   403      200
    DELETE /projects/{project}/members/{user}       401    404      403m      403     403    403    204       204   204   403      204
    GET    /projects/{project}/invitations          401    404      403m      403     403    403    200       200   200   200      200
    POST   /projects/{project}/invitations          401    404      403m      403     403    403    201       201   201   403      201
  `,
};

export const LEAVING_A_PROJECT: Area = {
  title: 'oneself in a project',
  because: `Anyone may leave. Whoever is not in the project but may manage it finds no such member.`,
  table: `
                                                         nobody stranger. suspended outside. viewer editor its-admin admin. owner OPERATOR. ADMIN. key
    DELETE /projects/{project}/members/{user} (oneself)  401    404       403m      403      204    204    204       404    404   403       404    -
  `,
};
