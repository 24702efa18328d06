! millstream.f90 - the calls of libmillstream that train.f90 uses, for Fortran 2018.
!
! The types mirror those of <millstream/types.h>: fields in the same order, of the same kind. A
! struct that the library hands out is only mirrored up to the field that is used, which is allowed:
! such structs may grow at their end, and are reached through pointers.
!
! Every wrapper takes character variables of any length and ends with stat: 0 when all is well, else
! the exit code of the failure; errmsg then says what is wrong.
module millstream
   use, intrinsic :: iso_c_binding
   implicit none
   private
   public :: tracking_client, tracking_open, tracking_close, tracking_start_run, tracking_set_tag, &
             tracking_log_param, tracking_log_metric, tracking_log_artifact, tracking_end_run, &
             run_id_length, run_finished, run_failed

   integer, parameter :: run_id_length = 32
   integer(c_int), parameter :: run_finished = 3, run_failed = 4

   ! MILL_ABSENT: "not given" for any number.
   integer(c_int64_t), parameter :: absent = -huge(0_c_int64_t) - 1_c_int64_t

   type :: tracking_client
      private
      type(c_ptr) :: handle = c_null_ptr
   end type

   type, bind(c) :: mill_view
      type(c_ptr) :: ptr = c_null_ptr
      integer(c_size_t) :: len = 0
   end type

   type, bind(c) :: mill_error
      character(kind=c_char) :: message(512) = c_null_char
   end type

   type, bind(c) :: mill_client_options
      integer(c_size_t) :: size
      logical(c_bool) :: read_only = .false., create = .false.
      type(mill_view) :: user_agent, artifacts_destination
   end type

   type, bind(c) :: mill_new_run
      integer(c_size_t) :: size
      integer(c_int64_t) :: experiment_id
      type(mill_view) :: run_name, user_id
      integer(c_int64_t) :: start_time = 0
      type(c_ptr) :: tags = c_null_ptr
      integer(c_size_t) :: tag_count = 0
   end type

   ! The beginning of struct mill_run_list and of struct mill_experiment_list.
   type, bind(c) :: mill_list
      integer(c_size_t) :: count
      type(c_ptr) :: items
   end type

   ! The beginning of struct mill_run: that of its info.
   type, bind(c) :: mill_run
      type(mill_view) :: run_id
   end type

   ! The beginning of struct mill_experiment.
   type, bind(c) :: mill_experiment
      integer(c_int64_t) :: experiment_id
   end type

   type, bind(c) :: mill_status_row
      integer(c_int) :: status
      type(c_ptr) :: name, error_code
      integer(c_int) :: http_status, exit_code
   end type

   integer(c_int), parameter :: mill_e_exists = 3

   interface
      function mill_status_get_info(status) bind(c) result(row)
         import :: c_int, c_ptr
         integer(c_int), value :: status
         type(c_ptr) :: row
      end function

      function mill_client_open(uri, options, client, error) bind(c) result(status)
         import :: c_int, c_ptr, mill_view, mill_client_options, mill_error
         type(mill_view), value :: uri
         type(mill_client_options), intent(in) :: options
         type(c_ptr), intent(inout) :: client
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      subroutine mill_client_close(client) bind(c)
         import :: c_ptr
         type(c_ptr), value :: client
      end subroutine

      function mill_client_create_experiment(client, name, location, tags, tag_count, id, error) &
         bind(c) result(status)
         import :: c_int, c_int64_t, c_ptr, c_size_t, mill_view, mill_error
         type(c_ptr), value :: client, tags
         type(mill_view), value :: name, location
         integer(c_size_t), value :: tag_count
         integer(c_int64_t), intent(inout) :: id
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      function mill_client_get_experiment_by_name(client, name, list, error) bind(c) result(status)
         import :: c_int, c_ptr, mill_view, mill_error
         type(c_ptr), value :: client
         type(mill_view), value :: name
         type(c_ptr), intent(inout) :: list
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      subroutine mill_experiment_list_free(list) bind(c)
         import :: c_ptr
         type(c_ptr), value :: list
      end subroutine

      function mill_client_create_run(client, run, list, error) bind(c) result(status)
         import :: c_int, c_ptr, mill_new_run, mill_error
         type(c_ptr), value :: client
         type(mill_new_run), intent(in) :: run
         type(c_ptr), intent(inout) :: list
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      subroutine mill_run_list_free(list) bind(c)
         import :: c_ptr
         type(c_ptr), value :: list
      end subroutine

      function mill_client_set_tag(client, run_id, key, text, error) bind(c) result(status)
         import :: c_int, c_ptr, mill_view, mill_error
         type(c_ptr), value :: client
         type(mill_view), value :: run_id, key, text
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      function mill_client_log_param(client, run_id, key, text, error) bind(c) result(status)
         import :: c_int, c_ptr, mill_view, mill_error
         type(c_ptr), value :: client
         type(mill_view), value :: run_id, key, text
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      function mill_client_log_metric(client, run_id, key, number, timestamp_ms, step, error) &
         bind(c) result(status)
         import :: c_double, c_int, c_int64_t, c_ptr, mill_view, mill_error
         type(c_ptr), value :: client
         type(mill_view), value :: run_id, key
         real(c_double), value :: number
         integer(c_int64_t), value :: timestamp_ms, step
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      function mill_client_log_artifact(client, run_id, local_path, directory, options, error) &
         bind(c) result(status)
         import :: c_int, c_ptr, mill_view, mill_error
         type(c_ptr), value :: client, options
         type(mill_view), value :: run_id, local_path, directory
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function

      function mill_client_set_terminated(client, run_id, run_status, end_time_ms, error) &
         bind(c) result(status)
         import :: c_int, c_int64_t, c_ptr, mill_view, mill_error
         type(c_ptr), value :: client
         type(mill_view), value :: run_id
         integer(c_int), value :: run_status
         integer(c_int64_t), value :: end_time_ms
         type(mill_error), intent(inout) :: error
         integer(c_int) :: status
      end function
   end interface

contains

   ! Borrows a text, which must be a target for as long as the view is used.
   function view(text) result(borrowed)
      character(len=*), target, intent(in) :: text
      type(mill_view) :: borrowed
      borrowed%ptr = c_loc(text)
      borrowed%len = len(text, c_size_t)
   end function

   ! Turns the status of a call into stat and errmsg.
   subroutine report(status, error, stat, errmsg)
      integer(c_int), intent(in) :: status
      type(mill_error), intent(in) :: error
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(mill_status_row), pointer :: row
      integer :: i
      stat = 0
      if (status == 0) return
      call c_f_pointer(mill_status_get_info(status), row)
      stat = row%exit_code
      errmsg = ''
      do i = 1, min(len(errmsg), size(error%message))
         if (error%message(i) == c_null_char) exit
         errmsg(i:i) = error%message(i)
      end do
   end subroutine

   ! Opens what MLFLOW_TRACKING_URI names, ./mlruns without it; a missing database is made.
   subroutine tracking_open(client, stat, errmsg)
      type(tracking_client), intent(out) :: client
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(mill_client_options) :: options
      type(mill_error) :: error
      type(mill_view) :: nothing
      integer(c_int) :: status
      options%size = c_sizeof(options)
      options%create = .true.
      status = mill_client_open(nothing, options, client%handle, error)
      call report(status, error, stat, errmsg)
   end subroutine

   subroutine tracking_close(client)
      type(tracking_client), intent(inout) :: client
      call mill_client_close(client%handle)
      client%handle = c_null_ptr
   end subroutine

   ! The id of the experiment of that name, made when it is missing.
   subroutine find_experiment(client, name, id, stat, errmsg)
      type(tracking_client), intent(in) :: client
      character(len=*), target, intent(in) :: name
      integer(c_int64_t), intent(inout) :: id
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(c_ptr) :: list
      type(c_ptr), pointer :: items(:)
      type(mill_list), pointer :: found
      type(mill_experiment), pointer :: experiment
      type(mill_view) :: nothing
      type(mill_error) :: error
      integer(c_int) :: status
      status = mill_client_create_experiment(client%handle, view(name), nothing, c_null_ptr, &
                                             0_c_size_t, id, error)
      if (status == mill_e_exists) then
         status = mill_client_get_experiment_by_name(client%handle, view(name), list, error)
         if (status == 0) then
            call c_f_pointer(list, found)
            call c_f_pointer(found%items, items, [found%count])
            call c_f_pointer(items(1), experiment)
            id = experiment%experiment_id
            call mill_experiment_list_free(list)
         end if
      end if
      call report(status, error, stat, errmsg)
   end subroutine

   ! Starts a run in the experiment of that name, which is made when it is missing.
   subroutine tracking_start_run(client, experiment_name, name, run_id, stat, errmsg)
      type(tracking_client), intent(in) :: client
      character(len=*), intent(in) :: experiment_name
      character(len=*), target, intent(in) :: name
      character(len=run_id_length), intent(out) :: run_id
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(c_ptr) :: list
      type(c_ptr), pointer :: items(:)
      type(mill_list), pointer :: made
      type(mill_run), pointer :: run
      character(kind=c_char), pointer :: id(:)
      type(mill_new_run) :: about
      type(mill_error) :: error
      integer(c_int) :: status
      integer :: i
      call find_experiment(client, experiment_name, about%experiment_id, stat, errmsg)
      if (stat /= 0) return
      about%size = c_sizeof(about)
      about%run_name = view(name)
      status = mill_client_create_run(client%handle, about, list, error)
      if (status == 0) then
         call c_f_pointer(list, made)
         call c_f_pointer(made%items, items, [made%count])
         call c_f_pointer(items(1), run)
         call c_f_pointer(run%run_id%ptr, id, [run%run_id%len])
         run_id = ''
         do i = 1, min(size(id), run_id_length)
            run_id(i:i) = id(i)
         end do
         call mill_run_list_free(list)
      end if
      call report(status, error, stat, errmsg)
   end subroutine

   subroutine tracking_set_tag(client, run_id, key, text, stat, errmsg)
      type(tracking_client), intent(in) :: client
      character(len=*), target, intent(in) :: run_id, key, text
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(mill_error) :: error
      integer(c_int) :: status
      status = mill_client_set_tag(client%handle, view(run_id), view(key), view(text), error)
      call report(status, error, stat, errmsg)
   end subroutine

   subroutine tracking_log_param(client, run_id, key, text, stat, errmsg)
      type(tracking_client), intent(in) :: client
      character(len=*), target, intent(in) :: run_id, key, text
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(mill_error) :: error
      integer(c_int) :: status
      status = mill_client_log_param(client%handle, view(run_id), view(key), view(text), error)
      call report(status, error, stat, errmsg)
   end subroutine

   ! One point of a metric, with the time of now.
   subroutine tracking_log_metric(client, run_id, key, number, step, stat, errmsg)
      type(tracking_client), intent(in) :: client
      character(len=*), target, intent(in) :: run_id, key
      real(c_double), intent(in) :: number
      integer, intent(in) :: step
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(mill_error) :: error
      integer(c_int) :: status
      status = mill_client_log_metric(client%handle, view(run_id), view(key), number, absent, &
                                      int(step, c_int64_t), error)
      call report(status, error, stat, errmsg)
   end subroutine

   ! Stores a local file, or a directory under its own name, in a directory of the run.
   subroutine tracking_log_artifact(client, run_id, local_path, directory, stat, errmsg)
      type(tracking_client), intent(in) :: client
      character(len=*), target, intent(in) :: run_id, local_path, directory
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(mill_error) :: error
      integer(c_int) :: status
      status = mill_client_log_artifact(client%handle, view(run_id), view(local_path), &
                                        view(directory), c_null_ptr, error)
      call report(status, error, stat, errmsg)
   end subroutine

   ! Ends a run as run_finished or run_failed.
   subroutine tracking_end_run(client, run_id, run_status, stat, errmsg)
      type(tracking_client), intent(in) :: client
      character(len=*), target, intent(in) :: run_id
      integer(c_int), intent(in) :: run_status
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      type(mill_error) :: error
      integer(c_int) :: status
      status = mill_client_set_terminated(client%handle, view(run_id), run_status, absent, error)
      call report(status, error, stat, errmsg)
   end subroutine

end module
