! train.f90 - the training of train.c in Fortran 2018, over the module in millstream.f90.
!
!     gfortran millstream.f90 train.f90 $(pkg-config --cflags --libs millstream) -o train
!     ./train [EPOCHS [LEARNING_RATE]]
module network
   use, intrinsic :: iso_fortran_env, only: real64, int64
   implicit none
   private
   public :: net, sample_count, test_count, hidden_count, make_samples, init, learn, evaluate, save_to

   integer, parameter :: hidden_count = 16, sample_count = 600, test_count = 300

   type :: net
      real(real64) :: input(hidden_count, 3) ! weights of x, of y, bias
      real(real64) :: output(hidden_count), bias
   end type

contains

   ! Points on two half circles, one inside the other, with some noise; labels 0 and 1.
   subroutine make_samples(points, labels)
      real(real64), intent(out) :: points(:, :), labels(:)
      real(real64) :: random(3), angle
      integer :: i
      do i = 1, size(labels)
         call random_number(random)
         labels(i) = mod(i, 2)
         angle = 3.14159265358979_real64*random(1)
         points(:, i) = [cos(angle), sin(angle)]
         if (labels(i) > 0.5_real64) points(:, i) = [1 - cos(angle), 0.5_real64 - sin(angle)]
         points(:, i) = points(:, i) + 0.7_real64*(random(2:3) - 0.5_real64)
      end do
   end subroutine

   subroutine init(n)
      type(net), intent(out) :: n
      call random_number(n%input)
      call random_number(n%output)
      n%input = 2*n%input - 1
      n%output = n%output - 0.5_real64
      n%bias = 0
   end subroutine

   ! The chance that the point is of class 1, and what the hidden units say.
   subroutine predict(n, point, hidden, chance)
      type(net), intent(in) :: n
      real(real64), intent(in) :: point(2)
      real(real64), intent(out) :: hidden(hidden_count), chance
      hidden = tanh(matmul(n%input(:, 1:2), point) + n%input(:, 3))
      chance = 1/(1 + exp(-dot_product(n%output, hidden) - n%bias))
   end subroutine

   ! One step of gradient descent on one point.
   subroutine learn(n, point, label, rate)
      type(net), intent(inout) :: n
      real(real64), intent(in) :: point(2), label, rate
      real(real64) :: hidden(hidden_count), back(hidden_count), chance, delta
      call predict(n, point, hidden, chance)
      delta = rate*(chance - label)
      back = delta*n%output*(1 - hidden**2)
      n%output = n%output - delta*hidden
      n%input(:, 1) = n%input(:, 1) - back*point(1)
      n%input(:, 2) = n%input(:, 2) - back*point(2)
      n%input(:, 3) = n%input(:, 3) - back
      n%bias = n%bias - delta
   end subroutine

   ! Mean cross entropy, and the share of right answers.
   subroutine evaluate(n, points, labels, loss, accuracy)
      type(net), intent(in) :: n
      real(real64), intent(in) :: points(:, :), labels(:)
      real(real64), intent(out) :: loss, accuracy
      real(real64) :: hidden(hidden_count), chance
      integer :: i
      loss = 0
      accuracy = 0
      do i = 1, size(labels)
         call predict(n, points(:, i), hidden, chance)
         if (labels(i) < 0.5_real64) chance = 1 - chance
         loss = loss - log(chance + 1e-12_real64)
         if (chance > 0.5_real64) accuracy = accuracy + 1
      end do
      loss = loss/size(labels)
      accuracy = accuracy/size(labels)
   end subroutine

   subroutine save_to(n, path, stat, errmsg)
      type(net), intent(in) :: n
      character(len=*), intent(in) :: path
      integer, intent(out) :: stat
      character(len=*), intent(inout) :: errmsg
      integer :: file, h
      open (newunit=file, file=path, action='write', status='replace', iostat=stat, iomsg=errmsg)
      if (stat /= 0) return
      do h = 1, hidden_count
         write (file, '(a, i0, a, 3es25.16, a, es25.16)', iostat=stat, iomsg=errmsg) &
            'hidden ', h, ':', n%input(h, :), ' -> ', n%output(h)
         if (stat /= 0) exit
      end do
      if (stat == 0) write (file, '(a, es25.16)', iostat=stat, iomsg=errmsg) 'bias ', n%bias
      close (file)
   end subroutine

end module

program train
   use, intrinsic :: iso_fortran_env, only: real64, error_unit
   use, intrinsic :: ieee_arithmetic, only: ieee_is_finite
   use millstream
   use network
   implicit none

   type(tracking_client) :: client
   character(len=run_id_length) :: run_id
   character(len=512) :: errmsg
   character(len=32) :: epochs_text = '30', rate_text = '0.05'
   integer :: epochs, stat, ignored
   real(real64) :: rate, loss, accuracy

   call read_arguments()
   call tracking_open(client, stat, errmsg)
   if (stat == 0) call tracking_start_run(client, 'half-circles', 'rate-'//trim(rate_text), &
                                          run_id, stat, errmsg)
   if (stat /= 0) call give_up()
   call track()
   if (stat == 0) call tracking_end_run(client, run_id, run_finished, stat, errmsg)
   if (stat /= 0) then
      block ! the first error is the one to report
         character(len=512) :: second
         call tracking_end_run(client, run_id, run_failed, ignored, second)
      end block
      call give_up()
   end if
   print '(a, i0, a, f0.4, a, f0.4)', 'epoch ', epochs, ': loss ', loss, ', test accuracy ', accuracy
   print '(a)', 'run '//run_id
   call tracking_close(client)

contains

   ! Trains, logging as it goes, until something fails.
   subroutine track()
      type(net) :: n
      real(real64) :: points(2, sample_count), labels(sample_count)
      real(real64) :: test_points(2, test_count), test_labels(test_count), test_loss, train_accuracy
      integer :: epoch, i
      call random_init(repeatable=.true., image_distinct=.false.)
      call make_samples(points, labels)
      call make_samples(test_points, test_labels)
      call init(n)
      call log_settings()
      if (stat /= 0) return
      do epoch = 1, epochs
         do i = 1, sample_count
            call learn(n, points(:, i), labels(i), rate)
         end do
         call evaluate(n, points, labels, loss, train_accuracy)
         call evaluate(n, test_points, test_labels, test_loss, accuracy)
         call log_metric('train_loss', loss, epoch)
         call log_metric('test_loss', test_loss, epoch)
         call log_metric('test_accuracy', accuracy, epoch)
         if (stat == 0 .and. .not. ieee_is_finite(loss)) then
            stat = 1
            errmsg = 'the loss is no number any more; train slower'
         end if
         if (stat /= 0) return
      end do
      call save_to(n, 'model.txt', stat, errmsg)
      if (stat == 0) call tracking_log_artifact(client, run_id, 'model.txt', 'model', stat, errmsg)
   end subroutine

   subroutine log_settings()
      character(len=8) :: hidden_text
      write (hidden_text, '(i0)') hidden_count
      call tracking_set_tag(client, run_id, 'language', 'Fortran', stat, errmsg)
      if (stat == 0) call tracking_set_tag(client, run_id, 'model', 'mlp', stat, errmsg)
      call log_param('epochs', epochs_text)
      call log_param('learning_rate', rate_text)
      call log_param('hidden', hidden_text)
   end subroutine

   subroutine log_param(key, text)
      character(len=*), intent(in) :: key, text
      if (stat == 0) call tracking_log_param(client, run_id, key, trim(text), stat, errmsg)
   end subroutine

   subroutine log_metric(key, number, epoch)
      character(len=*), intent(in) :: key
      real(real64), intent(in) :: number
      integer, intent(in) :: epoch
      if (stat == 0) call tracking_log_metric(client, run_id, key, number, epoch, stat, errmsg)
   end subroutine

   subroutine read_arguments()
      integer :: failed
      if (command_argument_count() > 0) call get_command_argument(1, epochs_text)
      if (command_argument_count() > 1) call get_command_argument(2, rate_text)
      read (epochs_text, *, iostat=failed) epochs
      if (failed == 0) read (rate_text, *, iostat=failed) rate
      if (failed /= 0 .or. epochs < 1 .or. .not. rate > 0 .or. command_argument_count() > 2) then
         write (error_unit, '(a)') 'usage: train [EPOCHS [LEARNING_RATE]]'
         stop 2, quiet=.true.
      end if
   end subroutine

   subroutine give_up()
      write (error_unit, '(a)') 'train: '//trim(errmsg)
      call tracking_close(client)
      stop stat, quiet=.true.
   end subroutine

end program
